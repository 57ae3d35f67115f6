/*
 * Hunts for price: any bytes as a request, read on the whole way it has
 * (tests/price). One that costs more than twenty ordinary ones of its kind, or
 * takes more memory than it has bytes to show for, is a finding. What is dear
 * is mostly something small that comes often, so the mutator repeats slices.
 */
#include "fuzz.h"
#include "price.h"

#define LONGEST		"-max_len=65536"
#define MEMORY		131072
#define MEMORY_PER_BYTE 64

size_t LLVMFuzzerMutate(uint8_t *, size_t, size_t);
size_t LLVMFuzzerCustomMutator(uint8_t *, size_t, size_t, unsigned);

/* Long enough for every limit; the usual 4096 bytes are not. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char longest[] = LONGEST;
	char	  **more = calloc((size_t)*argc + 2, sizeof(*more));

	REQUIRE(more != NULL);
	memcpy(more, *argv, (size_t)*argc * sizeof(*more));
	more[(*argc)++] = longest;
	*argv = more;
	price_start();
	return 0;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	size_t at, len, count, i;

	if (size == 0 || seed % 2 == 0)
		return LLVMFuzzerMutate(data, size, max);
	at = seed / 2 % size;
	len = 1 + seed / 7 % (size - at < 24 ? size - at : 24);
	count = 1 + seed / 11 % 4096;
	if (count > (max - size) / len)
		count = (max - size) / len;
	memmove(data + at + len * (count + 1), data + at + len,
	    size - at - len);
	for (i = 1; i <= count; i++)
		memcpy(data + at + len * i, data + at, len);
	return size + len * count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char  *request = (const char *)data;
	struct price p = price_of(request, size, SIZE_MAX);

	REQUIRE(p.steps <= price_limit(request, size));
	REQUIRE(p.bytes <= MEMORY + MEMORY_PER_BYTE * size);
	return 0;
}

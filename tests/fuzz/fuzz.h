/*
 * What the fuzzers share.
 */
#ifndef CASEWORK_FUZZ_H
#define CASEWORK_FUZZ_H

#include <sys/mman.h>

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Like assert(), in every build. */
#define REQUIRE(condition)                                                 \
	do {                                                               \
		if (!(condition)) {                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
			    #condition);                                   \
			abort();                                           \
		}                                                          \
	} while (0)

/* The path of a file in memory with this content, for ever. */
static inline const char *
fuzz_file(const char *content)
{
	static char path[64];
	int	    fd = memfd_create("fuzz", 0);

	REQUIRE(write(fd, content, strlen(content)) != -1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

/* The bytes as text with a NUL behind, to be freed. */
static inline char *
fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	REQUIRE(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif

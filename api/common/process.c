/*
 * By clocks and files of /proc, which a sandbox allows.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "process.h"

#define FILES_EVERY 15

static void	read_memory(struct process *);
static uint64_t count_files(void);
static uint64_t most_files(void);

void
process_measure(struct process *p)
{
	static unsigned calls;
	struct timespec cpu;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	p->cpu_us =
	    (uint64_t)cpu.tv_sec * 1000000 + (uint64_t)cpu.tv_nsec / 1000;
	read_memory(p);
	if (calls == 0)
		p->files_max = most_files();
	if (calls++ % FILES_EVERY == 0)
		p->files = count_files();
}

static void
read_memory(struct process *p)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	FILE	      *file = fopen("/proc/self/statm", "re");
	uint64_t virtual, resident;

	if (file == NULL)
		return;
	if (fscanf(file, "%" SCNu64 " %" SCNu64, &virtual, &resident) == 2) {
		p->virtual = virtual * page;
		p->resident = resident * page;
	}
	(void)fclose(file);
}

static uint64_t
count_files(void)
{
	DIR	*directory = opendir("/proc/self/fd");
	uint64_t n = 0;

	if (directory == NULL)
		return 0;
	while (readdir(directory) != NULL)
		n++;
	(void)closedir(directory);
	return n - 3; /* ".", "..", and what this was read by */
}

static uint64_t
most_files(void)
{
	FILE	*file = fopen("/proc/self/limits", "re");
	char	 line[256];
	uint64_t n = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "Max open files %" SCNu64, &n) == 1)
			break;
	(void)fclose(file);
	return n;
}

void
process_text(char out[PROCESS_TEXT_MAX], const struct process *p,
    int64_t started)
{
	snprintf(out, PROCESS_TEXT_MAX,
	    "# HELP process_cpu_seconds_total Time on processors.\n"
	    "# TYPE process_cpu_seconds_total counter\n"
	    "process_cpu_seconds_total %.3f\n"
	    "# HELP process_resident_memory_bytes Memory in use.\n"
	    "# TYPE process_resident_memory_bytes gauge\n"
	    "process_resident_memory_bytes %" PRIu64 "\n"
	    "# HELP process_virtual_memory_bytes Memory in reach.\n"
	    "# TYPE process_virtual_memory_bytes gauge\n"
	    "process_virtual_memory_bytes %" PRIu64 "\n"
	    "# HELP process_open_fds Open files, connections among them.\n"
	    "# TYPE process_open_fds gauge\n"
	    "process_open_fds %" PRIu64 "\n"
	    "# HELP process_max_fds How many may be.\n"
	    "# TYPE process_max_fds gauge\n"
	    "process_max_fds %" PRIu64 "\n"
	    "# HELP process_start_time_seconds When it started.\n"
	    "# TYPE process_start_time_seconds gauge\n"
	    "process_start_time_seconds %" PRId64 "\n",
	    (double)p->cpu_us / 1e6, p->resident, p->virtual, p->files,
	    p->files_max, started);
}

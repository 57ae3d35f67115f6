/*
 * What Kore expects of a program that it is compiled into: a version and an
 * embedded configuration. Ours says nothing that is not the default, because
 * main.c builds the server with calls, from the settings.
 */
#include <sys/types.h>

#include <kore/kore.h>

const char *kore_version = "4.1.0";
u_int8_t    asset_builtin_kore_conf[] = "seccomp_tracing no\n";
u_int32_t   asset_len_builtin_kore_conf = sizeof(asset_builtin_kore_conf) - 1;

#ifdef CASEWORK_SANITIZE
const char *__lsan_default_suppressions(void);

/*
 * Kore's own: a worker never frees its filter, a worker that is started again
 * loses the parent's pools when it makes its own, and of the environment it
 * makes copies, which are lost when a variable is taken out.
 */
const char *
__lsan_default_suppressions(void)
{
	return "leak:kore_seccomp_enable\nleak:kore_pool_init\n"
	       "leak:kore_proctitle_setup\n";
}
#endif

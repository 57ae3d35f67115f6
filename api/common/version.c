/*
 * The version is that of the contract, the commit and the migrations those of
 * the sources; the Makefile writes them into build/release.h. They stand in
 * this object only, so that a new commit compiles one file.
 */
#include "release.h"
#include "version.h"

const char version_text[] = RELEASE_VERSION " (commit " RELEASE_COMMIT ")";

const char version_migrations[] = RELEASE_MIGRATIONS;

const char version_metric[] =
    "# HELP casework_build_info Which version runs, of which commit.\n"
    "# TYPE casework_build_info gauge\n"
    "casework_build_info{version=\"" RELEASE_VERSION
    "\",commit=\"" RELEASE_COMMIT "\"} 1\n";

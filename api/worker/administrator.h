/*
 * The command `casework-worker administrator`: the first of them cannot be made
 * by the API, since nobody may call it yet.
 */
#ifndef CASEWORK_ADMINISTRATOR_H
#define CASEWORK_ADMINISTRATOR_H

/*
 * Connects by DATABASE_URL as it stands, which is the owner's, as for
 * sql/migrate.sh; the exit code.
 */
int administrator_command(int argc, char **argv);

#endif

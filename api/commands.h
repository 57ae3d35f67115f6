/*
 * The commands of casework that do their work and end.
 */
#ifndef CASEWORK_COMMANDS_H
#define CASEWORK_COMMANDS_H

/*
 * Reads the settings and runs the command of argv. The exit code, or -1: the
 * command is serve, which goes on.
 */
int commands_run(int argc, char **argv);

#endif

/*
 * What an issuer can do wrong: a label for the operator and a sentence for
 * administrators, both our own words.
 */
#ifndef CASEWORK_ISSUER_FAULT_H
#define CASEWORK_ISSUER_FAULT_H

struct issuer_fault {
	const char *label, *sentence;
};

#endif

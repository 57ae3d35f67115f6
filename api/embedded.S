/*
 * The OpenAPI document and the named statements, as bytes in the binary.
 * Each ends in a NUL that is not part of it, so C may read it as a string.
 */
	.section .rodata

	.macro	embed name, file
	.globl	embedded_\name
	.globl	embedded_\name\()_end
	.type	embedded_\name, %object
	.balign	16
embedded_\name:
	.incbin	"\file"
embedded_\name\()_end:
	.byte	0
	.size	embedded_\name, . - embedded_\name
	.endm

	embed	openapi_json, "openapi.json"
	embed	openapi_yaml, "openapi.yaml"
	embed	statements, "statements.sql"

	.section .note.GNU-stack, "", %progbits

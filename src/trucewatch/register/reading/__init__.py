"""How each element of a register file is read; one table serves the parser and the schema."""

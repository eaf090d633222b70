"""Products made of a register: one document of tables, set as a page, as CSV and as a workbook."""

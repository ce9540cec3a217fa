"""Registers kept in CSV, TSV or XLSX, with whatever columns people gave them."""

"""Reports: a frozen Pack gathered from readings, written by closed writers that know no database."""

"""The product's outside: settings, addresses, sign-in, first run."""

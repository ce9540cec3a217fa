"""Jira's CSV exports, of Cloud, Server and Data Center, and tables made from them."""

"""AI delivery: the evidence an AI product needs beside its plan."""

"""Where records meet the engine: facts, metrics, policies, forecasts, health, snapshots."""

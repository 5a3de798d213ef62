"""How good: pure metrics, intervals, reports and plots."""

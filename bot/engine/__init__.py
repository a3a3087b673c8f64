"""How an alert becomes a healed service; read healing.py first. Knows core and ports only."""

"""Words to geometry: names, administrative units, network lines, location expressions."""

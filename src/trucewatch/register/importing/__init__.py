"""From a tracker's file to deliveries: a mapping, the cells of a sheet, and what is wrong in it."""

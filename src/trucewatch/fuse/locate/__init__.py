"""Where a happening was, from when its sound or shaking reached several sensors."""

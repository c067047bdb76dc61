"""One leaf for each thing that holds for every migration set."""

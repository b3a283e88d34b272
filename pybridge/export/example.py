"""A whole template for `pybridge export`, as its help shows it. Imports nothing."""

EXAMPLE = """\
name: my-cells                      # id of the new model
channel_names: [membrane, nuclei]   # of the input; default [image]
step: 16                            # sides are multiples of this; or, for one size only, size: [256, 256]
normalisation:                      # percentiles (default) | mean_std | linear (gain, offset) | none
  kind: percentiles
  low_percentile: 1.0
  high_percentile: 99.8
output:
  channel_names: [foreground]       # in the order of the network; known from the decoder where that fixes them
  activation: sigmoid               # none (default) | sigmoid | softmax
decoder:                            # leave it out for a network whose outputs are images
  name: foreground                  # offsets | star_convex | boundary | foreground
  probability: 0.5
  min_size: 20
about:                              # all optional; what is missing is listed in the README
  title: Cells in my assay
  description: One or two sentences.
  authors: [A. Maker]
  license: CC-BY-4.0
  limits: What it is not for.
"""

"""The curators' desk: pages for those who look after the catalog. What they do goes through `curation.acts`."""

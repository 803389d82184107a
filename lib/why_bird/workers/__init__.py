"""Work that other processes do, here or on other machines: only what is asked for with ``--workers`` imports Dask."""

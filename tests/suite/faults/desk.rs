//! What was computed can be had: pictures that fail, signals, faults, full disks.

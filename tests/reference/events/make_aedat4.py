"""Small AEDAT 4 files, written by iniVation's dv-processing, and their events as a table.

    python3 -m venv v && v/bin/pip install dv-processing==2.0.4 && v/bin/python make_aedat4.py FOLDER
"""
import random
import sys

import dv_processing as dv

folder = sys.argv[1] if len(sys.argv) > 1 else "."
random.seed(20261129)
columns, rows = 64, 48
time = 1_764_000_000_000_000
events = []
for k in range(400):
    time += random.choice([0, 1, 40, 700, 1500])
    events.append((time, random.randrange(columns), random.randrange(rows), random.random() < 0.5))

with open(f"{folder}/events.csv", "w") as table:
    table.write("time_us,x,y,polarity\n")
    for t, x, y, p in events:
        table.write(f"{t},{x},{y},{int(p)}\n")

kinds = {"none": dv.CompressionType.NONE, "lz4": dv.CompressionType.LZ4, "zstd": dv.CompressionType.ZSTD}
for name, kind in kinds.items():
    config = dv.io.MonoCameraWriter.Config("test")
    config.compression = kind
    config.addEventStream((columns, rows))
    # a stream of something else, which has to be passed over
    config.addTriggerStream()
    writer = dv.io.MonoCameraWriter(f"{folder}/{name}.aedat4", config)
    for first in range(0, len(events), 150):
        store = dv.EventStore()
        for t, x, y, p in events[first : first + 150]:
            store.push_back(t, x, y, p)
        writer.writeEvents(store)
        writer.writeTrigger(dv.Trigger(events[first][0], dv.TriggerType.EXTERNAL_SIGNAL_RISING_EDGE))
    del writer
    reader = dv.io.MonoCameraRecording(f"{folder}/{name}.aedat4")
    seen = []
    while reader.isRunning():
        batch = reader.getNextEventBatch()
        if batch is None:
            break
        seen += [(e.timestamp(), e.x(), e.y(), e.polarity()) for e in batch]
    assert seen == events, name
    print(name, len(seen))

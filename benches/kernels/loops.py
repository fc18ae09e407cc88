"""What a compiler's instructions say of loops: how many stand in the loop over steps, and in the one over synapses.

ACO prints blocks in an order in which a loop is a run of blocks: from a block that a later one (or itself) leads back to, to the last that does.
"""
import re

BLOCK = re.compile(r"^BB(\d+)$")
LEADS = re.compile(r"linear preds: ([^/]*)/")
# what the machine runs. `p_` are the compiler's own words, of which branches on a condition remain; copies, waits and jumps are placed later
MACHINE = re.compile(r"(?:^|= )(?:(?:s|v|ds|buffer|global|flat|scratch|image)_|p_cbranch)\w+")
ADD = re.compile(r"buffer_atomic_add|ds_add_u32|ds_add_rtn_u32|global_atomic_add")


class Loops:
    def __init__(self, text):
        self.instructions, self.adds, back = [], [], {}
        for line in text.splitlines():
            line = line.strip()
            if found := BLOCK.match(line):
                self.instructions.append(0)
                self.adds.append(0)
                if int(found[1]) != len(self.instructions) - 1:
                    raise ValueError(f"block {found[1]} out of order")
            elif found := LEADS.search(line):
                here = len(self.instructions) - 1
                for other in map(int, re.findall(r"BB(\d+)", found[1])):
                    if other >= here:
                        back[here] = max(back.get(here, 0), other)
            elif self.instructions and MACHINE.search(line):
                self.instructions[-1] += 1
                self.adds[-1] += bool(ADD.search(line))
        # first and last block
        self.loops = sorted(back.items())

    def count(self, loop):
        return sum(self.instructions[loop[0] : loop[1] + 1])

    def depth(self, block):
        return sum(first <= block <= last for first, last in self.loops)

    def adding(self):
        """The deepest loops that add to a sum: those of the synapses."""
        loops = [loop for loop in self.loops if any(self.adds[loop[0] : loop[1] + 1])]
        deepest = max((self.depth(loop[0]) for loop in loops), default=0)
        return [loop for loop in loops if self.depth(loop[0]) == deepest]

    def synapses(self):
        """Instructions in the loop over synapses: in the longest, where there are several."""
        return max(map(self.count, self.adding()), default=0)

    def steps(self, apart):
        """Instructions in the loop over steps: the largest that stands in no other. `apart`: the one with the synapses stands beside it."""
        synapses = {loop[0] for loop in self.adding()} if apart else set()
        outer = [loop for loop in self.loops if self.depth(loop[0]) == 1 and not any(loop[0] <= block <= loop[1] for block in synapses)]
        return max(map(self.count, outer), default=0)

"""Networks of SNS-Toolbox on synfire's engines.

    import synfire.sns
    model = synfire.sns.compile(net, dt=0.1)     # net: sns_toolbox.networks.Network
    y = model(x)                                 # as the toolbox's own: one step

`compile` takes the toolbox's own `Network` objects as they are and gives a `Model`, with the numbers of the toolbox's
numpy backend in double precision. Where the toolbox fails, what it documents is done, with a warning (`SnsWarning`).
Neither the toolbox nor torch is imported here. The page "Coming from SNS-Toolbox" of the guide has both side by side.
"""

from .add import add_connection
from .circuit import SnsWarning
from .model import Model, compile

__all__ = ["Model", "SnsWarning", "add_connection", "compile"]

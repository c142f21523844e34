"""Population and addresses -> whether the goroutines of each group share a channel or have one each.

Workers of a pool receive from one channel; one channel for every goroutine is one per request or connection. Only
crash dumps print the channel (runtime.chanrecv and runtime.chansend are hidden elsewhere).
"""

import numpy as np
import pandas as pd

from gostack_nb.analysis.suspects.population import Population


def channels(people: Population, addresses: pd.DataFrame) -> pd.DataFrame:
    """Count the distinct channels of each group, in the last snapshots.

    Returns
    -------
    DataFrame
        One row per group: `channels` (int64, distinct addresses) and `on_channels` (int64, goroutines whose channel is
        known).
    """
    if not len(addresses):
        return pd.DataFrame(dict.fromkeys(("channels", "on_channels"), np.zeros(people.size, dtype=np.int64)))
    told = addresses[addresses["operation"].isin(["receive", "send"]) & addresses["address"].notna()]
    rows = people.now
    frame = people.frame.iloc[rows]
    own = pd.DataFrame(
        {
            "snapshot_id": frame["snapshot_id"].astype("str").array,
            "goroutine_id": frame["goroutine_id"].array,
            "group": people.group[rows],
        }
    )
    told = told.astype({"snapshot_id": "str"})[["snapshot_id", "goroutine_id", "address"]]
    found = own.merge(told, on=["snapshot_id", "goroutine_id"])
    distinct = found.drop_duplicates(["group", "snapshot_id", "address"])
    return pd.DataFrame(
        {
            "channels": np.bincount(distinct["group"], minlength=people.size),
            "on_channels": np.bincount(found["group"], minlength=people.size),
        }
    )

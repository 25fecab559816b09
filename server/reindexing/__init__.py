"""Rebuilding the index beside the live one, and comparing an index with the record store.

    store --(changes from number 0)--> new index --(changes stored meanwhile)--> level --> compared --> put in place
                                            |                                                  |
    live index answers searches ------------+------------------ until here -------------------+

| step | lock held |
|---|---|
| fill the new index, replay what was stored meanwhile | the rebuild turn of the store: one rebuild at a time |
| last replay, comparison, switch (seconds) | the index lock too: nobody else writes the live index |

A load in another process keeps the index lock as long as it runs. The rebuild waits for it in the queue of the lock and goes
on replaying what is stored, so it is level when its turn comes; the load is never stopped, and whoever takes the index lock
afterwards opens the new index. What is compared belongs to one moment: the last replay, the counts and the sample come from one
unchanging view of the store, in which nobody is kept from storing.

Datestamps and change numbers stay as they are. Until the switch nothing of the live index is touched, so a run that fails, is
stopped or killed changes nothing; what it leaves behind is removed by `hylla cleanup` or by the next run.
"""

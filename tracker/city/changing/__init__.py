"""Every change of the city that an administrator may make on the admin pages.

`city_change.py` says what a change is; `recording.py` previews it and records it; `registers.py`
has what most registers share: an entry is added, amended, ended, restored. Each other file holds
what is particular to one register: what it refuses, and what the preview tells about it.

A change that needs no preview (`tracker account`, an answer template, load-city) does not come
through here: it loads an entry and amends it by `tracker.city.registering`.
"""

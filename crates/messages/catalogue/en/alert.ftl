### Who is told of what. The other language's file of the same name says the same; a test holds the two together.

alert-severity-critical = critical
alert-severity-high = high
alert-severity-medium = medium
alert-severity-low = low
alert-severity-info = info
alert-config-heartbeat-every = `heartbeat.every` is at least `1s`
alert-config-heartbeat-one = `[heartbeat]` needs exactly one of `url` and `url_file`
alert-config-heartbeat-url = the URL of `[heartbeat]`, or what its file holds, is not one that begins with `https://`
alert-heartbeat-alert = `{ $name }` could not be told of the last that was for it
alert-heartbeat-doors = the receivers take no connections any more
alert-heartbeat-failed = the heartbeat could not be sent, so whoever waits for it may say that shoseki is dead: { $why }
alert-heartbeat-recovered = the heartbeat goes out again
alert-heartbeat-sealing = sealing fails
alert-heartbeat-withheld = the heartbeat is withheld, because not all is well: { $why }
alert-config-pagerduty-key = the alert `{ $name }`: the file `pagerduty_key_file` holds the key of an integration (Events API v2), letters and digits alone
alert-config-pagerduty-url = the alert `{ $name }`: `pagerduty_url` stands beside `pagerduty_key_file` and begins with `https://`, such as `https://events.eu.pagerduty.com/v2/enqueue`
alert-config-file-url = the alert `{ $name }`: what the file of `{ $key }` holds is not a URL that begins with `https://`
alert-disk-low = the disk of `{ $folder }` has { $free } left of { $size }, less than { $bound }
alert-disk-mend = make room on it, or make it larger: once it is full, senders are told to come again later, and nothing is sealed
alert-disk-recovered = the disk of `{ $folder }` has room again: { $free } of { $size }
alert-gaps-recovered = it can be looked for gaps again
alert-heartbeat-disk = a disk has too little room

trail-expect-account = `{ $name }` is no account: expected 12 digits in `accounts`
trail-expect-long = `{ $path }` is longer than a megabyte: expected a file of TOML with `accounts` and `regions`
trail-expect-much = more accounts × regions are told to be there than { $most }
trail-expect-nothing = the file says nothing that must be there: expected `accounts`, `regions`, or both
trail-expect-region = `{ $name }` is no region: expected names such as `us-east-1` in `regions`
trail-expect-toml = the file cannot be read as TOML with `accounts` and `regions`, two lists of names: { $why }
trail-region-expected = it must be there, for it was named, and it has no digest: it is not covered, or all of it was removed
trail-region-home = the trail was made in this region, and it has no digest here: all of it was removed, or was not copied

### Detection. The other language's file of the same name says the same; a test holds the two together.

detect-example-matched = example { $number } of `no_match` matches a rule of the file
detect-example-unmatched = example { $number } of `match` matches no rule of the file
detect-file-large = `{ $path }` is larger than { $most } bytes, which a file of rules may have
detect-file-no-text = `{ $path }` is no UTF-8
detect-file-unreadable = `{ $path }` cannot be read
detect-folder-deep = `{ $path }` is too deep below the folder of rules
detect-folder-large = below `{ $path }` are more than { $most } files of rules
detect-path-missing = there is no file or folder of rules `{ $path }`
detect-rule-counts-none = the correlation `{ $id }` counts rules that are not here
detect-rule-refused = the rule `{ $id }` cannot be asked: { $why }
detect-rule-twice = `{ $file }`: another rule has the id `{ $id }` already
detect-rule-unreadable = `{ $file }` has what is no Sigma rule: { $why }
detect-too-many = more than { $most } events satisfy a rule, or are counted by one: ask for a shorter range, or for fewer rules with `--rule` or `--level`
detect-done = { $matches ->
    [0] No match.
    [one] { $matches } match, { $new } of it new.
   *[other] { $matches } matches, { $new } of them new.
 } Looked at: { $records } records by { $rules } rules
detect-next = What it looks for, and what to do first: shoseki detect show { $rule }
detect-rules-count = { $count } rules; { $elsewhere } more are about what shoseki takes nothing in of
detect-problems-more = and { $count } more rules that cannot be read
detect-rule-unknown = there is no rule `{ $id }`: `shoseki detect rules` lists them
detect-rule-unknown-near = there is no rule `{ $id }`: did you mean `{ $near }`? `shoseki detect rules` lists them
detect-proven = { $files } files of rules find what they must, and nothing else
detect-not-proven = { $files } files of rules do not do what they must
detect-level-informational = informational
detect-level-low = low
detect-level-medium = medium
detect-level-high = high
detect-level-critical = critical
detect-head-actor = who
detect-head-address = from
detect-head-description = looks for
detect-head-events = events
detect-head-false-positives = may be harmless
detect-head-file = file
detect-head-first = first
detect-head-from = comes from
detect-head-level = level
detect-head-match = match
detect-head-no-match = no match
detect-head-resource = to
detect-head-response = do first
detect-head-rule = rule
detect-head-sha256 = SHA-256
detect-head-source = source
detect-head-tags = tags
detect-head-title = title
detect-head-wrong = wrong
detect-told-most = more matches than the { $most } of which a run leaves a record each: the rest stands in this answer alone
detect-head-records = records
detect-head-looked-at = looked at
detect-head-in-part = in part
detect-head-not-looked-at = not looked at
detect-head-by-others = by other rules
detect-head-open = from – to
detect-covered = These rules (SHA-256 { $sha256 }…) have looked at all of it, in { $runs } runs: where there is no match, there was none.
detect-not-covered = { $records } records were not looked at, or in part, by these rules (SHA-256 { $sha256 }…): `shoseki detect` looks at them
detect-covers-nothing = there is no evidence of this range, source or stream, so that nothing can be said of what was looked at
detect-failed = rules cannot be asked of what is sealed: { $why }. It is tried again, and nothing is passed over
detect-match-actor = who: { $value }
detect-match-address = from: { $value }
detect-match-found = { $title } ({ $count ->
    [one] { $count } event
   *[other] { $count } events
 }, the first at { $first })
detect-match-look = What it looks for: shoseki detect show { $rule }. To keep it as an incident: shoseki incident open --match { $id }
detect-match-mend = { $response } What it looks for: shoseki detect show { $rule }. To keep it as an incident: shoseki incident open --match { $id }
detect-match-operation = what: { $value }
detect-match-resource = to: { $value }
detect-matches-found = { $count } new matches at once
detect-matches-mend = All of them: shoseki query --source shoseki 'filter action = "detect.match" | sort @timestamp desc'
detect-matches-more = and { $count } more
detect-matches-one = { $title } ({ $id })
detect-recovered = rules are asked again of what is sealed
detect-rules-mend = Mend or remove the files that `shoseki detect rules` names: they are read again as soon as they change
detect-rules-unasked = { $count } rules cannot be asked, the first: { $why }
detect-skipped = commit { $commit } cannot be looked at, and was passed over: { $why }
detect-skipped-mend = Ask it with fewer rules or of a shorter range (`shoseki detect --from`, `--to`, `--level`); `shoseki detect coverage` names what was not looked at
detect-unkept = what rules found cannot be kept: the log takes nothing now
detect-head-commit = commit
detect-head-from-to = from – to
detect-head-rules-engines = rules (SHA-256) and engine that looked
detect-head-segment = segment
detect-head-these-rules = by these rules
detect-panicked = the rules came to no end by a defect: please report it, with what stands on standard error

### The query language: what is wrong with a query, and what its commands do. The other language's file of the same name says the same; a test holds the two together.

insights-expected = found `{ $found }`, expected { $expected ->
    [command] a command, such as `fields` or `filter`
    [next-command] `|` and the next command, or the end
    [expression] a field, a value or a function
    [field] a field; other characters than letters, digits, `_`, `.` and `@` need backticks
    [name] a name; other characters than letters, digits, `_`, `.` and `@` need backticks
    [whole-number] a whole number
    [text] a string in quotes
    [regex] a regular expression between slashes, such as `/delete|update/`
    [pattern] a string in quotes, or a regular expression between slashes
    [field-or-pattern] a field, a string in quotes, or a regular expression between slashes
    [list] a list in brackets, such as `["a", "b"]`
    [comma-or-list-end] `,` or `]`
    [comma-or-closing] `,` or `)`
    [like-or-in] `like` or `in`
    [closing] an operator or `)`
    [opening] `(`
    [as] `as` and a name for each `*`
    [boolean] `true` or `false`
    [number] a number
    [duration] a length of time, such as `30m` or `7d`
    [for] `for` and the column that gets this value
    [remove-or-transform] `remove` or `transform`
    [previous] `previousDay`, `previousWeek`, `previousMonth` or nothing
    [timeshift] `timeshift` and a length of time, such as `timeshift 7d`
   *[other] { $expected }
}
insights-expected-at-end = the query ends here, expected { $expected ->
    [command] a command, such as `fields` or `filter`
    [next-command] `|` and the next command, or the end
    [expression] a field, a value or a function
    [field] a field
    [name] a name
    [whole-number] a whole number
    [text] a string in quotes
    [regex] a regular expression between slashes, such as `/delete|update/`
    [pattern] a string in quotes, or a regular expression between slashes
    [field-or-pattern] a field, a string in quotes, or a regular expression between slashes
    [list] a list in brackets, such as `["a", "b"]`
    [comma-or-list-end] `,` or `]`
    [comma-or-closing] `,` or `)`
    [like-or-in] `like` or `in`
    [closing] `)`
    [opening] `(`
    [as] `as` and a name for each `*`
    [boolean] `true` or `false`
    [number] a number
    [duration] a length of time, such as `30m` or `7d`
    [for] `for` and the column that gets this value
    [remove-or-transform] `remove` or `transform`
    [previous] `previousDay`, `previousWeek`, `previousMonth` or nothing
    [timeshift] `timeshift` and a length of time, such as `timeshift 7d`
   *[other] { $expected }
}
insights-pipe-missing = `|` is missing before the command `{ $name }`
insights-word-near = found `{ $found }`: did you mean `{ $near }`?
insights-text-unterminated = this string is not closed: expected the same quote again
insights-name-unterminated = this name in backticks is empty or not closed
insights-regex-unterminated = this regular expression is not closed on its line: expected `/`
insights-regex-flags = found `{ $flags }` behind the regular expression: flags go inside of it, such as `/(?i)delete/`
insights-double-equal = found `==`, expected `=`
insights-number-not-whole = `{ $text }` is not a whole number from 0
insights-duration-unreadable = `{ $text }` is neither a number nor a length of time: expected a whole number and one of `ms` `s` `m` `h` `d` `w` `mo` `q` `y`, such as `5m`; a field that begins with a digit needs backticks
insights-command-unknown = unknown command `{ $name }`: expected one such as `fields`, `filter`, `stats`, `sort` or `limit`
insights-command-unknown-near = unknown command `{ $name }`: did you mean `{ $near }`?
insights-command-unsupported = the command `{ $name }` is not supported yet
insights-parse-unsupported = `{ $mode }` of the command `parse` is not supported yet: use a string with `*`, or a regular expression with named groups
insights-parse-stars = there must be as many names as there are `*`: found { $stars } of `*` and { $names } of names
insights-stats-offset-unsupported = `offset` of the command `stats` is not supported yet
insights-autoregress-rows = expected how many rows before, such as `p=1` or `p=1-4`: from 1 to { $most }, and at most { $columns } at once
insights-query-too-long = the query has { $bytes } bytes: at most { $limit } are read
insights-too-many-commands = the query has too many commands: at most { $limit } are read
insights-too-deep = the expression is too deep: at most { $limit } levels are read

insights-command-fields = shows these columns, and computes new ones
insights-command-display = shows these columns and no others
insights-command-filter = keeps the events for which a condition holds
insights-command-parse = takes new fields out of a text
insights-command-stats = counts and aggregates, by groups
insights-command-sort = sets the order of the answer
insights-command-limit = shows at most so many rows
insights-command-dedup = keeps one event for each combination of values
insights-command-accum = adds the running total of a field
insights-command-addtotals = adds the sum of each row, and of each column
insights-command-autoregress = adds the values of a field in the rows before
insights-command-countfrequent = counts each combination of values, the most frequent first
insights-command-diff = compares the patterns with those of an earlier time
insights-command-filldown = fills missing values with the last one that was there
insights-command-fillmissing = adds rows for the periods in which there was nothing
insights-command-logcompare = compares the patterns with those of the same range some time before
insights-command-outlier = removes or moves numbers far outside of the usual range
insights-command-pattern = groups texts by their shape
insights-command-sessionize = numbers the sessions of each identity

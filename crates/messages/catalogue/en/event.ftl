### Times and names. The other language's file of the same name says the same; a test holds the two together.

event-time-unreadable = `{ $text }` is not a time: expected RFC 3339, such as `2026-03-05T10:00:00+09:00`
event-day-unreadable = `{ $text }` is not a day: expected a date, such as `2026-03-05`
event-segment-id-unreadable = `{ $text }` is not a segment's name: expected 32 hexadecimal digits
event-record-id-unreadable = `{ $text }` is not a record's name: expected `<32 hexadecimal digits>:<number>`, as `@ptr` shows it

loss-told = `{ $stream }` says itself that it lost events, from { $from } to { $to }: { $said }

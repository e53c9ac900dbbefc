loss-told = `{ $stream }` の送信元が、{ $from } から { $to } のあいだにイベントを失ったと述べています: { $said }

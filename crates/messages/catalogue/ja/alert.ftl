### 送られてくるものの受信口。もう一方の言語の同名のファイルと同じことを述べ、両者が揃っていることはテストで確かめる。

alert-severity-critical = 重大
alert-severity-high = 高
alert-severity-medium = 中
alert-severity-low = 低
alert-severity-info = 情報
alert-config-heartbeat-every = `heartbeat.every` は `1s` 以上にしてください
alert-config-heartbeat-one = `[heartbeat]` には `url` と `url_file` のどちらか1つを書いてください
alert-config-heartbeat-url = `[heartbeat]` の URL (またはファイルの中身) が `https://` で始まる URL ではありません
alert-heartbeat-alert = `{ $name }` への最後の通知が届いていません
alert-heartbeat-doors = 受信口が接続を受け付けていません
alert-heartbeat-failed = ハートビートを送れませんでした。監視側が shoseki の停止と判断するおそれがあります: { $why }
alert-heartbeat-recovered = ハートビートの送信が再開しました
alert-heartbeat-sealing = 封印に失敗しています
alert-heartbeat-withheld = 正常でないため、ハートビートの送信を止めています: { $why }
alert-config-pagerduty-key = 通知先 `{ $name }`: `pagerduty_key_file` のファイルには、連携 (Events API v2) のキーだけを英数字で書いてください
alert-config-pagerduty-url = 通知先 `{ $name }`: `pagerduty_url` は `pagerduty_key_file` とともに書き、`https://` で始めてください (例: `https://events.eu.pagerduty.com/v2/enqueue`)
alert-config-file-url = 通知先 `{ $name }`: `{ $key }` のファイルの中身が `https://` で始まる URL ではありません
alert-disk-low = `{ $folder }` のあるディスクの空きが { $free } (全体は { $size }) になり、{ $bound } を下回りました
alert-disk-mend = 空き容量を増やすか、ディスクを拡張してください。満杯になると、送信元には再送を求め、封印もできなくなります
alert-disk-recovered = `{ $folder }` のあるディスクの空きが { $free } (全体は { $size }) に回復しました
alert-gaps-recovered = 欠落の監視が再開しました
alert-heartbeat-disk = ディスクの空きが足りません

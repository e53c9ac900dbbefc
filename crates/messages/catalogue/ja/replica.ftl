### 複製と復元。もう一方の言語の同名のファイルと同じ内容であることをテストが確かめます。

replica-not-written = `{ $url }` は複製です。ここに書くのは `shoseki replica sync` だけです。保管庫そのものを指定するか、先に `shoseki restore --from { $url } --to 場所` で保管庫にしてください
replica-of-another = `{ $url }` は別の保管庫の複製です
replica-not-empty = `{ $url }` は空ではありません。複製は何もないフォルダーか、何もないプレフィックスの下に作ります
replica-is-vault = `{ $url }` は複製ではなく保管庫です。上書きはしません
replica-unreachable = 複製 `{ $url }` に届きません。`shoseki replica add` が作った場所である必要があります
replica-unknown = 複製 `{ $url }` はありません。あるのは次のとおりです: { $known }
replica-log-differs = `{ $url }` のコミットから、署名された { $size } コミットのチェックポイントに至りません。変更されたコミットがあります。`shoseki verify` で分かります
replica-nothing-sealed = `{ $url }` には封印されたものがありません
replica-ahead = `{ $url }` の封印済みコミットは { $size } 件、`{ $place }` は { $ahead } 件です。古い状態に戻されているため、何もコピーしません
replica-forked = `{ $url }` は `{ $place }` の元の保管庫ではありません。{ $size } コミットの時点でログが異なるため、何もコピーしません
replica-place-differs = `{ $url }` の `{ $name }` は封印されたものと異なります
replica-object-differs = `{ $name }` は封印されたものと異なります
replica-object-unknown = 保管庫に `{ $name }` というオブジェクトはないか、封印されていません
replica-restore-loses = アンカー `{ $url }` は { $known } コミットを知っていますが、復元できるのは { $size } コミットです。残りは失われます。先により新しい複製を探すか、承知の上であることを `--accept-loss` で示してください
replica-restore-log = `{ $url }` の { $size } コミットのログを組み立てられません。壊れている部分が、{ $kept } コミットの複製にありません
replica-restore-none = `{ $what }` について封印されたものはありません

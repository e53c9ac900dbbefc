### sources: see the other language's file of the same name; a test holds the two together.

sources-read-failed = { $offset } バイト目で読み取りに失敗しました
sources-inflate-trailing = gzip ストリームは { $offset } バイト目で終わっていますが、その後に別のデータが続いています: ファイルの終わりか次の gzip メンバーが必要です
sources-inflate-truncated = 圧縮ストリームが { $offset } バイト目で途切れています: 末尾まで必要です。ファイルを取得し直してください
sources-inflate-corrupt = 圧縮ストリームが { $offset } バイト目付近で壊れています: ファイルを取得し直してください
sources-inflate-too-large = 圧縮ストリームの展開後の大きさが { $limit } バイトを超えました: 展開爆弾とみなして拒否しました。正当なファイルであれば、展開したものを取り込んでください
sources-inflate-bomb = 圧縮データ { $taken } バイトが { $given } バイトに膨らみ、{ $ratio } 倍を超えました: 展開爆弾とみなして拒否しました。正当なファイルであれば、展開したものを取り込んでください
sources-secrets-own = 秘密情報のパターンを読み込めません

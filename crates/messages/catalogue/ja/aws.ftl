### AWS のサービス。もう一方の言語の同名のファイルと同じことを述べ、両者が揃っていることはテストで確かめる。

aws-call-absent = `{ $action }`: このリージョンとアカウントに `{ $what }` はありません
aws-call-forbidden = `{ $what }` に対する `{ $action }` が許可されていません。使用中の認証情報に IAM ポリシーで許可してください
aws-call-odd-answer = AWS は `{ $what }` に対する `{ $action }` に、その応答でないものを返しました
aws-call-refused = `{ $what }` に対する `{ $action }` を AWS が拒否しました ({ $code })
aws-call-unreachable = AWS に `{ $what }` を問い合わせられません (`{ $action }`)。ネットワーク、リージョン、認証情報を確認してください
aws-call-unanswered = `{ $what }` に対する `{ $action }` に AWS が応答できませんでした ({ $code })。拒否ではありません。しばらくしてから再度実行してください
aws-call-unread = AWS の応答が、解釈される前に読み込まれていません
aws-credentials-absent = AWS の認証情報が見つかりません。`AWS_PROFILE`、または `AWS_ACCESS_KEY_ID` と `AWS_SECRET_ACCESS_KEY` を設定するか、サインインする (`aws sso login`) か、`--profile` でプロファイルを指定してください
aws-inventory-died = 棚卸しの一部が途中で止まりました。不具合ですので、お知らせください
aws-list-endless = `{ $action }` を { $pages } ページまで取得しましたが、続きがあります。一覧の残りは確認していません
aws-region-absent = リージョンが指定されていません。設定の `region`、`AWS_REGION`、またはプロファイルのリージョンのいずれかが必要です
aws-region-odd = `{ $region }` は AWS のリージョンではありません。`ap-northeast-1` のように、英数字とハイフンで指定してください
aws-region-near = リージョン `{ $region }` はありません。`{ $near }` のことでしょうか
aws-region-unknown = リージョン `{ $region }` はありません。`ap-northeast-1` のように指定するか、`--all-regions` を使ってください
aws-kms-differs = AWS KMS が、`{ $key }` に渡した鍵とは違う鍵を返しました
aws-kms-forbidden = AWS KMS が `{ $key }` での `{ $action }` を許可しません。キーポリシーか IAM ポリシーで、この認証情報に `kms:Encrypt` と `kms:Decrypt` を許可してください
aws-kms-key-absent = AWS KMS のこのリージョンに鍵 `{ $key }` はありません。鍵の ARN、ID、または `alias/名前` を指定してください
aws-kms-key-disabled = AWS KMS の鍵 `{ $key }` は無効か、削除待ちです。この鍵で包まれたものは読めません。鍵を有効に戻すか、削除を取り消してください
aws-kms-key-usage = AWS KMS の鍵 `{ $key }` は暗号化用ではありません。対称鍵 (SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT) を指定してください
aws-kms-odd-answer = `{ $key }` に対する AWS KMS の応答に、求めたものが入っていません
aws-kms-refused = AWS KMS が `{ $key }` での `{ $action }` を拒みました ({ $code })
aws-kms-unreachable = AWS KMS に `{ $key }` を問い合わせられません。ネットワーク、リージョン、認証情報を確認してください
aws-cloudtrail-forbidden = { $region } の CloudTrail が `cloudtrail:ListPublicKeys` を許可しません。この認証情報に許可するか、`--keys` で鍵を渡してください
aws-cloudtrail-odd-answer = { $region } の CloudTrail が、公開鍵として読めないもの、またはフィンガープリントと一致しない鍵を返しました
aws-cloudtrail-refused = { $region } の CloudTrail が公開鍵の一覧を拒みました ({ $code })。`--keys` で鍵を渡してください
aws-cloudtrail-unreachable = { $region } の CloudTrail に公開鍵を問い合わせられません。ネットワークと認証情報を確認するか、`--keys` で鍵を渡してください

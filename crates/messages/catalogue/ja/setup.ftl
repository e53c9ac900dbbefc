### セットアップ: 求める内容、できないこと、人が行うこと。もう一方の言語の同名のファイルと揃っていることはテストで確かめる。

setup-access-logs-itself = このバケットはアクセスログを自身に記録しており、ログの書き込みがまたログになります。別のバケットを手動で出力先に設定してください
setup-access-logs-kms = アクセスログの出力先であるこのバケットは KMS で暗号化されていますが、S3 がアクセスログを書き込めるのは SSE-S3 のバケットだけです。ここで暗号化を弱めることはしません。別の出力先を設定するか、手動で変更してください
setup-bucket-elsewhere = `{ $bucket }` は調べていないアカウント (Control Tower のログアーカイブなど) にあるため、そのまま利用します。そのアカウントのロールを `roles` の先頭に加えると、このバケットも整えます
setup-bucket-writers = `{ $bucket }` にはほかの書き込み元があり ({ $others })、既定の鍵を変えると拒否されます。鍵の権限を与えたうえで、暗号化を手作業で変更してください
setup-control-tower = `{ $trail }` は Control Tower が管理しています。ここで変えるとドリフトとして報告され元に戻されるため、Control Tower の側で変更してください
setup-database-busy = `{ $database }` は `{ $status }` の状態です。変更できるのは `available` のときだけなので、その後に再実行してください
setup-database-cluster = `{ $engine }` のクラスターの監査はここからは設定できません。エンジン自身の監査を手作業で有効にしてください
setup-database-engine = `{ $engine }` の監査はここからは設定できません。そのエンジンの監査機能を手動で有効にしてください
setup-database-extension = `{ $database }`: 再起動後に、各データベースで `CREATE EXTENSION pgaudit;` を手動で実行してください
setup-database-pending = `{ $database }` にはメンテナンスウィンドウを待つ変更があります ({ $pending })。いま変更を依頼すると、それらも即座に適用され、停止を伴うことがあります。ウィンドウを待つか、都合のよい時間に適用してから、再実行してください
setup-database-reboot = `{ $database }` は、変更を反映するには再起動が必要です。ここから再起動することはないため、都合のよいときに再起動してください
setup-database-volume = `{ $database }`: 読み書きも記録するため、量が多くなることがあります。CloudWatch Logs の料金は容量によります
setup-database-will-reboot = `{ $database }`: 変更は次の再起動で反映されます。再起動は人が行います
setup-denied = サービスコントロールポリシー `{ $policy }` が、このアカウントでの `{ $right }` を拒否します。組織の管理者に、設定する人を例外にしてもらうか、組織の側で行ってもらってください
setup-denied-perhaps = サービスコントロールポリシー `{ $policy }` が、このアカウントでの `{ $right }` を拒否する可能性があります (OU への適用、または条件付きの拒否)
setup-drift-cannot = `{ $setting }`: { $why }
setup-drift-missing = `{ $setting }` がありません。計画は `{ $want }` です
setup-drift-none = すべて計画のとおりです
setup-drift-other = `{ $setting }` は `{ $is }` です。計画は `{ $want }` です
setup-export-call = 計画の `{ $call }` をコードにできません。このまま書き出すと欠けます
setup-export-placeholder = `{ $text }` は書き出すコードの中で意味を持ちません
setup-key-elsewhere = `{ $key }` は別のアカウントの鍵です。変更はその所有者が行います
setup-life-cycle-by-hand = ルール `{ $rule }` は一部のオブジェクトだけを対象とするか、期日で失効させます。対象に証跡が含まれるかどうかは、ルールを書いた人にしか分かりません。証跡は { $days } 日間保存する必要があります
setup-life-cycle-expires = ルール `{ $rule }` は { $days } 日で失効させますが、`expire = false` は失効させないことを求めています。ここからルールを削除することはありません
setup-life-cycle-guarded = `{ $bucket }` のライフサイクルを変更できるのは緊急時のロールを引き受けた人だけです。そのロールで、オブジェクトと旧バージョンの失効を { $days } 日にしてください (`aws s3api put-bucket-lifecycle-configuration`)
setup-lock-compliance = `{ $bucket }`: 以後に書き込まれたオブジェクトは、root でも AWS でも { $days } 日間は誰にも削除できず、その間の料金もかかります
setup-lock-config = `{ $bucket }` には AWS Config が配信していますが、既定でロックされるバケットには配信できません。先に配信チャネルを別のバケットに向けてください
setup-lock-governance = `{ $bucket }`: 以後に書き込まれたオブジェクトを { $days } 日以内に削除できるのは、`s3:BypassGovernanceRetention` を持つ人だけです
setup-lock-older = `{ $bucket }`: すでにあるオブジェクトはロックされません。S3 バッチオペレーションで後からロックできます
setup-log-group-kept = `{ $group }` の保存期間は { $days } 日です。10 年を超える保存は無期限だけなので、`aws logs delete-retention-policy --log-group-name { $group }` を実行してください
setup-log-group-key = `{ $group }` は自分の鍵で暗号化されていません。CloudWatch Logs に使用を許した鍵で `aws logs associate-kms-key --log-group-name { $group } --kms-key-id KEY` を実行してください
setup-not-asked = `{ $what }` について `{ $call }` を問い合わせていないため、現在の状態が分かりません
setup-not-given = 計画の呼び出しに必要な `{ $name }` が、それより前の呼び出しで得られていません
setup-organization-member = `{ $account }` には組織の証跡を作れません。管理アカウントは `{ $manager }` です。そのアカウントのロールを `roles` に加えてください
setup-organization-none = `{ $account }` から見える組織がありません。`organization = true` には組織の管理アカウントが必要です
setup-policy-unreadable = 既存のポリシーを読み取れないため、置き換えません
setup-queue-region = S3 が通知できるのは同じリージョンのキューだけで、`{ $bucket }` は `{ $region }` にあります。`home_region` をそのリージョンにするか、`queue = false` としてください
setup-prices = 価格表が壊れています
setup-queue-overlaps = `{ $bucket }` は新しいオブジェクトの一部を { $others } に通知しており、S3 は同じ通知を別の宛先に送れません。その宛先にすべて (`s3:ObjectCreated:*`、プレフィックスとサフィックスなし) を通知させてキューとして使うか、手作業で外すか、`queue = false` としてください
setup-replica-here = 証跡のバケット自体が `{ $region }` にあります。`replicate_to` には別のリージョンを指定してください
setup-replication-old = `{ $bucket }` には旧形式のレプリケーションルールがあり、新しいルールと併用できません。`Filter` と `Priority` のある形に手作業で書き換えてください
setup-replication-older = `{ $bucket }`: すでにあるオブジェクトは複製されません。S3 バッチレプリケーションで複製できます
setup-replication-role = `{ $bucket }` の一部はすでに `{ $role }` で複製されています。1 つのバケットのルールはすべて同じロールを使うため、全体を対象とするルールを、そのロールの権限とともに手作業で追加してください
setup-role-break-glass = このロールを引き受ければ証跡を削除できます。引き受けられる人を最小限にし、`AssumeRole` のたびに通知されるようにしてください
setup-role-irsa = `{ $namespace }` のサービスアカウント `{ $service }` に、注釈 `eks.amazonaws.com/role-arn: { $role }` を付けてください。発行者 `{ $issuer }` は IAM のプロバイダーとして登録しておきます (`eksctl utils associate-iam-oidc-provider`)
setup-role-member = `{ $account }` にロール `{ $role }` がないため、そのロググループをここから読めません。組織の StackSet で各アカウントに作成してください
setup-role-more = `{ $role }` は、求めた以外の者が引き受けられるか、求めた以上の権限を持っています ({ $more })。このため権限を与えません。手作業で取り除いてから、再実行してください
setup-role-no-issuer = `{ $region }` に、発行者のあるクラスター `{ $cluster }` が見つかりません。存在するクラスターを指定するか、`by = "pod-identity"` としてください
setup-role-pod-identity = ロールをサービスアカウントに関連付けてください: `aws eks create-pod-identity-association --cluster-name { $cluster } --namespace { $namespace } --service-account { $service } --role-arn { $role }`。クラスターにはアドオン `eks-pod-identity-agent` が必要です
setup-role-sso = 許可セット `{ $set }` で来る人の多要素認証は AWS の条件では確かめられません。IAM Identity Center で必須にしてください
setup-rule-taken = `{ $rule }` という名前で別のものを調べるルールがすでにあります。名前を変えるか、`config_rules` から外してください
setup-selectors-full = `{ $trail }` にはすでに { $most } 個のセレクターがあり、これ以上追加できません。手作業で統合するか、高度なイベントセレクターに書き換えてください
setup-stream-elsewhere = Firehose のストリーム `{ $stream }` の配信先がバケットではありません。名前を変えるか、`eks_delivery = "logs"` としてください
setup-stream-status = Firehose のストリーム `{ $stream }` は `{ $status }` の状態です。手作業で削除してから、再実行してください
setup-subscription-elsewhere = Firehose を設定できるのは、証跡と同じアカウント・リージョンのクラスターです。`{ $group }` は別の場所にあるため、これまでどおり読み取ってください (`[[fetch.cloudwatch-logs]]`)
setup-subscription-full = `{ $group }` にはすでに 2 つのサブスクリプションがあり、3 つ目は作れません。1 つを手作業で削除してください
setup-trail-elsewhere = `{ $trail }` は別のアカウントのものです。変更はその所有者が行います
setup-wish-arn = [setup]: `{ $arn }` は IAM の ARN ではありません。`arn:aws:iam::111122223333:role/NAME` の形で指定してください
setup-wish-bucket = [setup] data_events: `{ $bucket }` はバケット名ではありません。`shop-uploads` のようにプレフィックスなしで指定するか、すべてを表す `*` を指定してください
setup-wish-data-events = [setup] data_events: `*` はすべてのバケットを表すため、単独で指定してください
setup-wish-delivery = [setup] eks_delivery: クラスターのログの設定ですが、`eks = false` でクラスターを設定しないことになっています
setup-wish-external-id = [setup] external_id: ロールのための設定ですが、`roles` がありません
setup-wish-framework = [setup] frameworks: `{ $name }` というフレームワークはありません。`{ $near }` のことですか?
setup-wish-months = [setup] keep_months: { $months } か月は、フレームワークの求める { $asked } か月より短いです。省略するか、それ以上を指定してください
setup-wish-months-most = [setup] keep_months: { $months } か月は、S3 がロックできる最長の { $most } か月を超えています
setup-wish-name = [setup] name: `{ $name }` はバケット名の先頭になります。`a`〜`z`・数字・連続しないハイフンの 3〜20 文字で、英字で始めてください
setup-wish-replica = [setup] replicate_to: `{ $region }` は証跡自体のリージョンです。別のリージョンを指定してください
setup-wish-rule = [setup] config_rules: `{ $rule }` は AWS のルール名ではありません。`s3-bucket-public-read-prohibited` のように指定してください
setup-wish-rules = [setup] config_rules: AWS Config のルールですが、`config = false` で記録しないことになっています
setup-wish-volumes = [setup.volumes]: 1 か月あたりの 0 以上の数で指定してください
setup-wish-word = [setup]: `{ $name }` は、クラスター、名前空間、サービスアカウント、許可セットの名前ではありません

## `shoseki setup`

cli-setup-adopted = そのまま利用
cli-setup-again = 残りは、同じコマンドをもう一度実行すると続きから行います。すでにあるものは作り直しません
cli-setup-applied = 呼び出し { $done } 件を実行、失敗 { $failed } 件、そのために見送り { $held } 件
cli-setup-ask = `shoseki setup apply` はアカウントを変更する前に確認しますが、確認に使える端末がありません。`shoseki setup plan` で内容を確かめ、`--yes` を付けてください
cli-setup-basis-assumed = 仮定
cli-setup-basis-measured = 実測
cli-setup-blocked = ここから行うことはありません。`!` の付いたものは人が対応してください
cli-setup-cannot = 人が対応 { $count } 件
cli-setup-change = 変更 { $count } 件
cli-setup-config = 設定 `{ $path }` を読めません。`[setup]` のあるファイルを書くか、`--config` で指定してください
cli-setup-changed = 確認を待つ間にアカウントの設定が変わりました。これが現在の計画です
cli-setup-cost-basis = 数量
cli-setup-cost-count = 1 か月
cli-setup-cost-instead = ( ) は選んでいない方法 (`eks_delivery`) の費用で、合計には含みません
cli-setup-cost-month = 月額 (USD)
cli-setup-cost-piece = 構成要素
cli-setup-cost-price = 単価 (USD)
cli-setup-cost-total = 保存期間分がたまった時点で、1 か月におよそ { $usd } US ドルです。{ $day } 時点の { $region } の定価で、税と無料枠は含みません。仮定の数量は [setup.volumes] で指定できます
cli-setup-cost-unverified = * このリージョンの価格を示すページで確認していません。https://aws.amazon.com/pricing/ で確かめてください
cli-setup-cost-what = 内容
cli-setup-create = 作成 { $count } 件
cli-setup-done = 完了
cli-setup-evidence = 存在するものと、その記録が届いているか:
cli-setup-export-changed = 変更されたファイルがあるため、何も書きません: { $paths }。変更の内容を `shoseki.toml` かモジュールの呼び出し側に移し、これらのファイルを退けてください。`--force` を付けると上書きします
cli-setup-export-database = `{ $text }` はデータベースの指定ではありません。`postgres:16` のように、エンジン ({ $known }) とバージョンを指定してください
cli-setup-export-done = { $written } 件のファイルを書きました。変更なし { $same } 件
cli-setup-export-unwritten = `{ $path }` を読み書きできません
cli-setup-failed = 失敗: { $why }
cli-setup-first-role = 証跡を保存するアカウントのロール (`roles` の先頭の `{ $role }`) を引き受けられません。このままでは証跡の保存先を別のアカウントとして計画してしまいます
cli-setup-forbidden = 足りない権限: { $rights }。必要な権限は `shoseki setup policy` ですべて表示されます。AWS がサービスコントロールポリシーに言及している場合は組織による拒否のため、このアカウントで権限を加えても実行できません
cli-setup-held-up = 見送り: `{ $by }` が必要です
cli-setup-next = この内容は `shoseki setup apply` で実行できます。計画をもう一度表示し、確認してから行います
cli-setup-none = `{ $path }` に `[setup]` がありません。少なくとも `[setup]` の 1 行を書いてください
cli-setup-not-agreed = 何も変更していません
cli-setup-nothing = 行うことはありません。すべて `[setup]` のとおりです
cli-setup-price-config-items = 記録した項目
cli-setup-price-config-rules = ルールの評価
cli-setup-price-firehose = Firehose を通る GB
cli-setup-price-kms-key = 鍵
cli-setup-price-kms-requests = KMS へのリクエスト
cli-setup-price-logs-kept = 現在のロググループの GB
cli-setup-price-logs-read = CloudWatch Logs から読み取る GB
cli-setup-price-logs-taken-in = CloudWatch Logs に入る GB
cli-setup-price-region-transfer = 別リージョンへの転送 GB
cli-setup-price-s3-puts = 書き込むファイル
cli-setup-price-s3-storage = 保存する GB
cli-setup-price-sqs-requests = SQS へのリクエスト
cli-setup-price-trail-data-events = データイベント
cli-setup-price-trail-insights = 分析するイベント
cli-setup-question = 実行しますか? `yes` または `はい` だけを同意とみなします:
cli-setup-recorded = 計画と異なる点を指摘として保管庫に残しました。新しいものは { $new } 件です (`shoseki finding list`)
cli-setup-right = 変更不要 { $count } 件
cli-setup-stopped = 呼び出しの合間で中断しました。同じコマンドで続きから行えます
cli-setup-stricter = 求めより厳しいため維持
cli-setup-summary = 計画: { $counts }
cli-setup-was-there = すでにあります

## 計画との差: チェック

check-title-setup_store_is_as_planned = 証跡の保存先が計画のとおりである
check-asks-setup_store_is_as_planned = 証跡の鍵とバケットの設定 (ポリシー、暗号化、バージョニング、ロック、ライフサイクル、アクセスログ) が、`[setup]` の計画のとおりです。
check-mend-setup_store_is_as_planned = `shoseki setup plan` で、異なる点と、それを直す AWS の呼び出しが分かります。`shoseki setup apply` は確認してからそれを行います。`!` の付いたものは人が対応してください。意図した変更なら `[setup]` に反映し、そうでなければ誰が変えたかを調べてください: `shoseki query --saved cloudtrail-s3-exposure`
check-title-setup_trail_is_as_planned = CloudTrail の証跡が計画のとおりである
check-asks-setup_trail_is_as_planned = 各アカウントの証跡の記録と配信 (リージョン、ダイジェスト、暗号化、管理イベント、データイベント、記録中であること) が、`[setup]` の計画のとおりです。
check-mend-setup_trail_is_as_planned = `shoseki setup plan` で、異なる点と、それを直す AWS の呼び出しが分かります。`shoseki setup apply` は確認してからそれを行います。`!` の付いたものは人が対応してください。意図した変更なら `[setup]` に反映し、そうでなければ誰が変えたかを調べてください: `shoseki query --saved cloudtrail-trail-changes`
check-title-setup_config_is_as_planned = AWS Config が計画のとおりである
check-asks-setup_config_is_as_planned = 各リージョンの AWS Config の記録、配信、ルールが、`[setup]` の計画のとおりです。
check-mend-setup_config_is_as_planned = `shoseki setup plan` で、異なる点と、それを直す AWS の呼び出しが分かります。`shoseki setup apply` は確認してからそれを行います。`!` の付いたものは人が対応してください。意図した変更なら `[setup]` に反映し、そうでなければ誰が変えたかを調べてください: `shoseki query --saved cloudtrail-trail-changes`
check-title-setup_logs_are_as_planned = クラスターとデータベースのログが計画のとおりである
check-asks-setup_logs_are_as_planned = EKS の各クラスターと RDS の各データベースのログと出力が、新しいものも含めて `[setup]` の計画のとおりです。
check-mend-setup_logs_are_as_planned = `shoseki setup plan` で、異なる点と、それを直す AWS の呼び出しが分かります。`shoseki setup apply` は確認してからそれを行います。`!` の付いたものは人が対応してください。意図した変更なら `[setup]` に反映し、そうでなければ誰が変えたかを調べてください: `shoseki query --saved cloudtrail-by-event`
check-title-setup_roles_are_as_planned = 証跡のロールが計画のとおりである
check-asks-setup_roles_are_as_planned = 収集、監査、緊急時のロールを引き受けられるのは `[setup]` に挙げた者だけで、権限は計画のとおりであり、それ以上ではありません。
check-mend-setup_roles_are_as_planned = `shoseki setup plan` で、異なる点と、それを直す AWS の呼び出しが分かります。`shoseki setup apply` は確認してからそれを行います。`!` の付いたものは人が対応してください。意図した変更なら `[setup]` に反映し、そうでなければ誰が変えたかを調べてください: `shoseki query --saved cloudtrail-iam-changes`
check-title-setup_notices_are_as_planned = 証跡の通知先が計画のとおりである
check-asks-setup_notices_are_as_planned = 新しいファイルを知らせるキューと、アクセスログのバケットの設定が、`[setup]` の計画のとおりです。
check-mend-setup_notices_are_as_planned = `shoseki setup plan` で、異なる点と、それを直す AWS の呼び出しが分かります。`shoseki setup apply` は確認してからそれを行います。`!` の付いたものは人が対応してください。意図した変更なら `[setup]` に反映し、そうでなければ誰が変えたかを調べてください: `shoseki query --saved cloudtrail-s3-exposure`

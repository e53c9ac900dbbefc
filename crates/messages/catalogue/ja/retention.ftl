### retention: もう一方の言語の同名ファイルと対になっています。テストが両者を突き合わせます。

retention-unreadable = テーブルの設定にある保存期間を読めないため、何も削除できません: { $why }
retention-refused = 保存期間をそのようには設定できません: { $why }
vault-file-expired = `{ $path }`: レコード { $count } 件は、クラスの保存期間がすでに満了した日のものなので、取り込み直しませんでした。保管するには、より長く保管するクラスにストリームを割り当ててください: `shoseki retention set CLASS --for-ever --stream STREAM`

cli-retention-class = クラス
cli-retention-period = 保存期間
cli-retention-of = ソースとストリーム
cli-retention-expired = 満了済み(この日より前)
cli-retention-for-ever = 無期限
cli-retention-months = { $months } か月
cli-retention-rest = その他すべて
cli-retention-set = クラス `{ $class }` の保存期間を{ $period }にしました。ツリーサイズ { $size } で封印済みです。
cli-retention-there = クラス `{ $class }` はすでにその設定です。
cli-retention-before = 期限(この日より前)
cli-retention-files = ファイル
cli-retention-records = レコード
cli-retention-bytes = バイト
cli-retention-held = 保全中のファイル
cli-retention-by = 保全
cli-retention-counted = 保存期間は { $day } から数えます(今日と、外部から届いた最新イベントの日のうち、早い方)。
cli-retention-no-time = 満了したものはありません。時間の経過を示す証跡がボールトにありません。
cli-retention-nothing = 満了したものはありません。
cli-retention-dry-run = まだ何も削除していません。削除するには `shoseki retention run` を実行してください。
cli-retention-ask = { $files } 個のファイルのレコード { $records } 件が完全に失われます。続けるには `yes` と入力してください: 
cli-retention-not-asked = 確認する相手がいません。確認なしで進めるには `--yes` を付けてください
cli-retention-done = { $files } 個のファイルのレコード { $records } 件が満了し、{ $deleted } 個のファイルを削除しました。ツリーサイズ { $size }。
cli-retention-stopped = 途中で止めました。次の実行で続きから始めます
cli-retention-what = 期間を指定してください: `--months`、`--preset` または `--for-ever`

cli-hold-none = 訴訟ホールドはありません。
cli-hold-unknown = ホールド `{ $id }` はありません
cli-hold-covers-nothing = 対象を指定してください: `--stream`、`--source`、`--from` または `--to`
cli-hold-placed = ホールド `{ $id }` を設定しました。ツリーサイズ { $size } で封印済みです。
cli-hold-asked = ホールド `{ $id }` の解除を申請しました。別の人が承認するまで保全は続きます: `shoseki hold confirm { $id }`
cli-hold-released = ホールド `{ $id }` を解除しました。
cli-hold-released-before = ホールド `{ $id }` はすでに解除されています
cli-hold-asked-before = ホールド `{ $id }` の解除は { $by } がすでに申請しています
cli-hold-not-asked = ホールド `{ $id }` の解除は申請されていません: `shoseki hold release { $id } --why WHY`
cli-hold-same-person = 解除を申請したのは { $by } です。別の人が承認する必要があります
cli-hold-nobody = 実行者を特定できません。ホールドには設定した人の記録が必要です
cli-hold-id = ホールド
cli-hold-scope = 対象
cli-hold-why = 理由
cli-hold-by = 設定
cli-hold-state = 状態
cli-hold-in-force = 有効
cli-hold-overdue = 有効。見直し予定日 { $day } を過ぎています
cli-hold-release-asked = 有効。{ $by } が解除を申請中
cli-hold-is-released = { $by } と { $other } が解除
cli-status-holds = 有効な訴訟ホールド
cli-status-retention = 保存期間

help-retention = 証跡の保存期間と、期間を過ぎたものの削除
help-retention-show = クラスごとの保存期間と、何がどのクラスかを表示します
help-retention-show-more = 例:
  shoseki retention show
help-retention-set = クラスの保存期間や割り当てを、封印される変更として設定します
help-retention-set--class = クラス。ほかに指定のないものは `standard` です
help-retention-set--months = 暦の月数(UTC)
help-retention-set--preset = 規制が求める期間: pci-dss 12か月、fiea 60、tax 84、companies-act 120
help-retention-set--for-ever = 無期限に保管します
help-retention-set--stream = 今後このクラスに入れるストリーム。繰り返し指定できます
help-retention-set--source = 今後このクラスに入れるソース。繰り返し指定できます
help-retention-set-more = 例:
  shoseki retention set standard --preset pci-dss
  shoseki retention set finance --months 84 --source pgaudit
help-retention-plan = 削除の対象と、保全されているものを表示します
help-retention-plan-more = 例:
  shoseki retention plan
help-retention-run = 保存期間を過ぎ、保全されていないものを削除します
help-retention-run--yes = 確認せずに進めます
help-retention-run--reason = 封印されるコミットに残す理由
help-retention-run-more = 例:
  shoseki retention run --yes
help-hold = 訴訟ホールド: 保存期間にかかわらず削除してはならないもの
help-hold-place = ストリーム、ソースまたは期間を保全します
help-hold-place--why = 理由
help-hold-place--stream = 対象のストリーム。繰り返し指定できます
help-hold-place--source = 対象のソース。繰り返し指定できます
help-hold-place--from = この日以降の出来事を対象にします(UTC)
help-hold-place--to = この日より前の出来事を対象にします(UTC)
help-hold-place--until = 見直す予定の日。この日が過ぎても自動では解除されません
help-hold-place-more = 例:
  shoseki hold place --why "訴訟12号" --source cloudtrail --from 2026-01-01 --to 2026-04-01
help-hold-list = 解除済みのものも含めて一覧します
help-hold-list-more = 例:
  shoseki hold list
help-hold-release = ホールドの解除を申請します
help-hold-release--id = ホールド
help-hold-release--why = 理由
help-hold-release-more = 例:
  shoseki hold release 3f9a01c2 --why "訴訟が終結した"
help-hold-confirm = 別の人が申請した解除を承認します
help-hold-confirm--id = ホールド
help-hold-confirm-more = 例:
  shoseki hold confirm 3f9a01c2

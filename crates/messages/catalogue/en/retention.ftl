### retention: see the other language's file of the same name; a test holds the two together.

retention-unreadable = the retention that the table's configuration states cannot be read, so nothing may go: { $why }
retention-refused = the retention cannot be set so: { $why }
vault-file-expired = `{ $path }`: { $count } records are older than what their class still has, and were not taken in again. To keep such evidence, give its stream to a class that is kept longer: `shoseki retention set CLASS --for-ever --stream STREAM`

cli-retention-class = Class
cli-retention-period = Period
cli-retention-of = Sources and streams
cli-retention-expired = Expired before
cli-retention-for-ever = for ever
cli-retention-months = { $months } months
cli-retention-rest = all others
cli-retention-set = Class `{ $class }` is kept for { $period }; sealed with tree size { $size }.
cli-retention-there = Class `{ $class }` is kept so already.
cli-retention-before = Due before
cli-retention-files = Files
cli-retention-records = Records
cli-retention-bytes = Bytes
cli-retention-held = Files held
cli-retention-by = By
cli-retention-counted = Periods are counted from { $day }: today, or the newest event from elsewhere, whichever is earlier.
cli-retention-no-time = Nothing is due: no evidence in the vault says that any time has passed.
cli-retention-nothing = Nothing is due.
cli-retention-dry-run = Nothing was deleted: `shoseki retention run` does it.
cli-retention-ask = { $records } records in { $files } files go for good. Type `yes` to go on: 
cli-retention-not-asked = nobody is here to be asked: `--yes` goes on without asking
cli-retention-done = { $records } records in { $files } files expired, and { $deleted } files were deleted; tree size { $size }.
cli-retention-stopped = stopped before the end: the next run goes on
cli-retention-what = say for how long: `--months`, `--preset` or `--for-ever`

cli-hold-none = There is no hold.
cli-hold-unknown = there is no hold `{ $id }`
cli-hold-covers-nothing = say what it covers: `--stream`, `--source`, `--from` or `--to`
cli-hold-placed = Hold `{ $id }` is placed; sealed with tree size { $size }.
cli-hold-asked = The release of hold `{ $id }` is asked for. It holds until another person confirms: `shoseki hold confirm { $id }`
cli-hold-released = Hold `{ $id }` is released.
cli-hold-released-before = hold `{ $id }` was released already
cli-hold-asked-before = the release of hold `{ $id }` was asked for already, by { $by }
cli-hold-not-asked = nobody asked for the release of hold `{ $id }`: `shoseki hold release { $id } --why WHY`
cli-hold-same-person = { $by } asked for the release, and another person must confirm it
cli-hold-nobody = who you are cannot be told, and a hold says who placed it
cli-hold-id = Hold
cli-hold-scope = Covers
cli-hold-why = Why
cli-hold-by = Placed
cli-hold-state = State
cli-hold-in-force = in force
cli-hold-overdue = in force; its day, { $day }, has passed
cli-hold-release-asked = in force; release asked for by { $by }
cli-hold-is-released = released by { $by } and { $other }
cli-status-holds = Holds in force
cli-status-retention = Retention

help-retention = For how long evidence is kept, and deleting what is older
help-retention-show = Shows the classes with their periods, and what is of which class
help-retention-show-more = Example:
  shoseki retention show
help-retention-set = Sets the period of a class, or what is of it, as a sealed change
help-retention-set--class = The class; `standard` is that of all that nothing else says
help-retention-set--months = Calendar months, in UTC
help-retention-set--preset = What a regulation asks for: pci-dss 12 months, fiea 60, tax 84, companies-act 120
help-retention-set--for-ever = Keeps it for ever
help-retention-set--stream = A stream that is of this class from now on; may be repeated
help-retention-set--source = A source that is of this class from now on; may be repeated
help-retention-set-more = Examples:
  shoseki retention set standard --preset pci-dss
  shoseki retention set finance --months 84 --source pgaudit
help-retention-plan = Shows what would go, and what is held
help-retention-plan-more = Example:
  shoseki retention plan
help-retention-run = Deletes what is older than its class's period and is not held
help-retention-run--yes = Does not ask first
help-retention-run--reason = Why, as the sealed commit says it
help-retention-run-more = Example:
  shoseki retention run --yes
help-hold = Legal holds: what must not go, whatever its period
help-hold-place = Places a hold on streams, sources or a range of time
help-hold-place--why = Why
help-hold-place--stream = A stream that it covers; may be repeated
help-hold-place--source = A source that it covers; may be repeated
help-hold-place--from = Covers what happened from this day on, in UTC
help-hold-place--to = Covers what happened before this day, in UTC
help-hold-place--until = The day on which it should be looked at again; it releases nothing by itself
help-hold-place-more = Example:
  shoseki hold place --why "Lawsuit 12" --source cloudtrail --from 2026-01-01 --to 2026-04-01
help-hold-list = Lists the holds, released ones too
help-hold-list-more = Example:
  shoseki hold list
help-hold-release = Asks for the release of a hold
help-hold-release--id = The hold
help-hold-release--why = Why
help-hold-release-more = Example:
  shoseki hold release 3f9a01c2 --why "The lawsuit ended"
help-hold-confirm = Confirms a release that another person asked for
help-hold-confirm--id = The hold
help-hold-confirm-more = Example:
  shoseki hold confirm 3f9a01c2

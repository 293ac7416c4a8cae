/**
 * Shell code of the self-test, which runs inside. Prints the first defect, or exits with 42 when there is none.
 * Arguments: the hidden, the writable and the readable folder, the pid and namespaces of the process that started it,
 * and the names in /run.
 */
export const SELF_TEST_SCRIPT = `
hidden=$1 open=$2 other=$3 outer=$4 namespaces=$5; shift 5
fail() { echo "$1"; exit 1; }
read -r word && [ "$word" = word ] || fail 'standard input is not passed on'
isolates() { [ ! -e "$hidden/marker" ] && ! { true >"$other/new"; } 2>/dev/null; }

[ ! -e "$hidden/marker" ] || fail 'a hidden folder is visible'
[ -r "$other/marker" ] || fail 'a readable folder is not visible'
{ true >"$open/new"; } 2>/dev/null || fail 'a writable folder cannot be written'
isolates || fail 'a readable folder can be written'
{ true >/tmp/new; } 2>/dev/null || fail '/tmp cannot be written'
if [ -n "$namespaces" ]; then
  for kind in mnt pid ipc; do
    case " $namespaces " in *" $(readlink /proc/self/ns/$kind) "*) fail "the $kind namespace is shared";; esac
  done
  [ -d "/proc/$$" ] || fail '/proc shows processes of other namespaces'
  grep -q '^NoNewPrivs:.1' /proc/self/status || fail 'a program can gain privileges'
  grep -q '^CapEff:.0*$' /proc/self/status || fail 'a program has capabilities'
  for name; do [ ! -e "/run/$name" ] || fail '/run is visible'; done
fi
# A new pid namespace has no process with such a high id yet.
if [ "$outer" -gt 1000 ]; then
  kill -0 "$outer" 2>/dev/null && fail 'a process outside can be signaled'
  [ ! -e "/proc/$outer" ] || fail 'a process outside is visible'
fi

uncover='while read -r _ _ _ _ target rest; do
  case $rest in *" - tmpfs "*) umount -l "$target";; esac
done </proc/self/mountinfo
mount --bind "$2" "$2"; mount -o remount,bind,rw "$2"; mount -t proc proc /proc
[ -e "$1/marker" ] || { true >"$2/new"; } && echo uncovered'
result=$(sh -c "$uncover" sh "$hidden" "$other" 2>/dev/null)
[ -z "$result" ] && isolates || fail 'hidden folders can be uncovered'
result=$(unshare --user --map-root-user --mount sh -c "$uncover" sh "$hidden" "$other" 2>/dev/null)
[ -z "$result" ] && isolates || fail 'hidden folders can be uncovered in a nested namespace'
exit 42
`;

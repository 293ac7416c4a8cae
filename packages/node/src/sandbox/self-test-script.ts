/**
 * Shell code of the self-test, which runs inside. Prints the first defect, or exits with 42 when there is none.
 * Arguments: the hidden, the writable and the readable folder, the id and namespaces of the process that started it,
 * and the names in /run.
 */
export const selfTestScript = `
hidden=$1 open=$2 other=$3 outer=$4 namespaces=$5; shift 5
fail() { echo "$1"; exit 1; }
read -r word && [ "$word" = word ] || fail 'standard input does not arrive'
holds() { [ ! -e "$hidden/marker" ] && ! { true >"$other/made"; } 2>/dev/null; }

[ ! -e "$hidden/marker" ] || fail 'a hidden folder is seen'
[ -r "$other/marker" ] || fail 'a readable folder is not seen'
{ true >"$open/made"; } 2>/dev/null || fail 'a writable folder cannot be written'
holds || fail 'a readable folder can be written'
{ true >/tmp/made; } 2>/dev/null || fail 'there is no place for temporary files'
if [ -n "$namespaces" ]; then
  for kind in mnt pid ipc; do
    case " $namespaces " in *" $(readlink /proc/self/ns/$kind) "*) fail "the $kind namespace is not its own";; esac
  done
  [ -d "/proc/$$" ] || fail '/proc shows the processes of others'
  grep -q '^NoNewPrivs:.1' /proc/self/status || fail 'it can gain privileges'
  grep -q '^CapEff:.0*$' /proc/self/status || fail 'it has capabilities'
  for name; do [ ! -e "/run/$name" ] || fail '/run is seen'; done
fi
# A new pid namespace has no process with such a high id yet.
if [ "$outer" -gt 1000 ]; then
  kill -0 "$outer" 2>/dev/null && fail 'a process outside can be signalled'
  [ ! -e "/proc/$outer" ] || fail 'a process outside is seen'
fi

uncover='while read -r _ _ _ _ place rest; do
  case $rest in *" - tmpfs "*) umount -l "$place";; esac
done </proc/self/mountinfo
mount --bind "$2" "$2"; mount -o remount,bind,rw "$2"; mount -t proc proc /proc
[ -e "$1/marker" ] || { true >"$2/made"; } && echo uncovered'
tried=$(sh -c "$uncover" sh "$hidden" "$other" 2>/dev/null)
[ -z "$tried" ] && holds || fail 'what is hidden can be uncovered'
tried=$(unshare --user --map-root-user --mount sh -c "$uncover" sh "$hidden" "$other" 2>/dev/null)
[ -z "$tried" ] && holds || fail 'what is hidden can be uncovered in a namespace within'
exit 42
`;

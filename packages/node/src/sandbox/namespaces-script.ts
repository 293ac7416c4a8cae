const DROP = '--no-new-privs --bounding-set=-all --inh-caps=-all --pdeathsig KILL --';
const BECOME = `exec setpriv --reuid "$id" --regid "$id" --clear-groups ${DROP}`;

/** Shell code that becomes the account `$1` irrevocably, and runs the arguments that follow it. */
export const BECOME_ACCOUNT = `id=$1; shift\n${BECOME}`;

/**
 * Shell code of the namespace's init process: runs `"$@"` as its child and reaps orphans. Signals for the program do
 * not kill it. The shell's own message about a killed program is discarded, since it would appear on the program's
 * stderr.
 */
const RUN = 'exec 9>&2 2>/dev/null; (exec 2>&9 9>&-; exec "$@"); exit $?';

/**
 * Shell code that creates the mounts in a new mount namespace, and then drops the right to change them. An ordinary
 * user drops it by a second user namespace, which does not own the mounts of the first; root by becoming an account.
 * Arguments: `user UID GID` or `account ID`, the working folder, the size of temporary folders in bytes, then the kind
 * and path of each mount, `--`, the program.
 */
export const NAMESPACES_SCRIPT = `set -e
path=$PATH; PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
who=$1; id=$2; shift 2
if [ "$who" = user ]; then group=$1; shift; fi
cwd=$1; size=$2; shift 2
stage=/dev/shm
mask=$(umask); umask 022
mount -n -t tmpfs -o mode=755,nosuid,nodev stage $stage

bind_to_stage() { # number path: binds a path to the stage before it is covered
  if [ -d "$2" ]; then mkdir "$stage/$1"; else : >"$stage/$1"; fi
  mount -n --rbind "$2" "$stage/$1"
}
bind_all_to_stage() { # kind, then the mounts
  staged_kind=$1; number=0; shift
  while [ "$1" != -- ]; do
    number=$((number + 1))
    if [ "$1" = "$staged_kind" ]; then bind_to_stage $number "$2"; fi
    shift 2
  done
}
bind_all_to_stage writable "$@"
# Each mount is remounted separately, since a remount does not apply to the mounts below it.
while read -r _ _ _ _ target options _; do
  case $target in $stage|$stage/*|/proc|/proc/*|/dev|/dev/*) continue;; esac
  case ,$options, in *,ro,*) continue;; esac
  options=$(echo ",$options" | sed 's/,rw//')
  mount -n -o "remount,bind,ro$options" "$(printf %b "$target")"
done </proc/self/mountinfo
bind_all_to_stage readable "$@"

move_from_stage() { # number path
  if [ -d "$stage/$1" ]; then mkdir -p "$2"; elif [ ! -e "$2" ]; then mkdir -p "\${2%/*}"; : >"$2"; fi
  mount -n --move "$stage/$1" "$2"
}
number=0; covered=
for argument; do
  if [ "$argument" = -- ]; then break; fi
  if [ -z "$kind" ]; then kind=$argument; continue; fi
  number=$((number + 1))
  case $kind in
    hidden) if [ -d "$argument" ]; then
        mount -n -t tmpfs -o mode=755,nosuid,nodev,noexec hidden "$argument"
      else mount -n --bind /dev/null "$argument"; fi;;
    temporary) mount -n -t tmpfs -o "mode=1777,nosuid,nodev,size=$size" temporary "$argument";;
    *) move_from_stage $number "$argument";;
  esac
  kind=
done
while [ "$1" != -- ]; do
  if [ "$1" = hidden ] && [ -d "$2" ]; then mount -n -o remount,bind,ro,nosuid,nodev,noexec "$2"; fi
  shift 2
done
shift

# A /dev with the harmless devices only.
mkdir "$stage/dev"
mount -n -t tmpfs -o mode=755,nosuid,noexec dev "$stage/dev"
for device in null zero full random urandom tty; do
  : >"$stage/dev/$device"
  mount -n --bind "/dev/$device" "$stage/dev/$device"
done
mkdir "$stage/dev/pts" "$stage/dev/shm"
mount -n -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$stage/dev/pts"
mount -n -t tmpfs -o "mode=1777,nosuid,nodev,size=$size" temporary "$stage/dev/shm"
ln -s pts/ptmx "$stage/dev/ptmx"
ln -s /proc/self/fd "$stage/dev/fd"
ln -s fd/0 "$stage/dev/stdin"; ln -s fd/1 "$stage/dev/stdout"; ln -s fd/2 "$stage/dev/stderr"
mount -n --move "$stage/dev" /dev

cd "$cwd"
umask "$mask"
export PATH="$path"
drop() { # program…
  if [ "$who" = user ]; then
    exec unshare --user --map-user="$id" --map-group="$group" -- setpriv ${DROP} "$@"
  fi
  ${BECOME} "$@"
}
drop /bin/sh -c '${RUN}' sh "$@"
`;

# Reads what a test process has started; when that process ends, however it ends, kills and removes what is left.
# Lines: "+ PGID" a process group to kill, "- PGID" it is gone, "d DIR" a directory to remove, "x DIR" it is removed.
trap '' INT TERM HUP
groups=' '
dirs=' '
while read -r op value; do
  case $op in
    +) groups="$groups$value " ;;
    -) case $groups in *" $value "*) groups="${groups%%" $value "*} ${groups#*" $value "}" ;; esac ;;
    d) dirs="$dirs$value " ;;
    x) case $dirs in *" $value "*) dirs="${dirs%%" $value "*} ${dirs#*" $value "}" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
for dir in $dirs; do case $dir in */infra-real-*) rm -rf -- "$dir" ;; esac; done

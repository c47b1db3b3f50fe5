#!/bin/sh
# Writes what is installed beside the program: a manual page for it and each of its commands, and completions.
# usage: write_pages.sh PROGRAM FOLDER
set -eu
program=$1 folder=$2
rm -rf "$folder"
mkdir -p "$folder/man1"
"$program" manual > "$folder/man1/barnabas.1"
sed -n 's/^\.B "barnabas \([a-z]*\)"$/\1/p' "$folder/man1/barnabas.1" | while read -r command; do
  "$program" manual "$command" > "$folder/man1/barnabas-$command.1"
done
"$program" completion bash > "$folder/barnabas"
"$program" completion zsh > "$folder/_barnabas"
touch "$folder/done"

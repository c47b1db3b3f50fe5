set pagination off
set confirm off
handle SIGUSR1 nostop
break barnabas::runtime::detail::allocate_frame
commands
silent
printf "%d ", $rdi

python gdb.execute("info symbol " + str(int(gdb.parse_and_eval("*(unsigned long*)($rbp+8)"))))
continue
end
continue

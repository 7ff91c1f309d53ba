# − flips the sign of what comes back.
x = 3.0
n = -x
f = 2.0 * n
print(f)

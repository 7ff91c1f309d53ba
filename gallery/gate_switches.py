# × switches: each input gets what comes from above times the other input.
x = 3.0
y = -4.0
p = x * y
f = 2.0 * p
print(f)

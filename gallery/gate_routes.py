# max routes: the winner gets all of it, the loser nothing.
x = 3.0
y = -4.0
m = max(x, y)
f = 2.0 * m
print(f)
